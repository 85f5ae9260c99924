import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { completeWord, isSameWord, placesToAsk, readWords } from "./words-entry.ts";

const LIST = ["abbey", "able", "about", "above", "box", "zebra"];

describe("words that are typed", () => {
  test("are read in any case, numbered and apart by any signs, or by four letters", () => {
    const { words, known } = readWords("1. Abbey 2) ABLE, abou\nbox", LIST);
    expect(words.map(({ text }) => text)).toEqual(["abbey", "able", "abou", "box"]);
    expect(known).toBe(4);
  });

  test("the last one is not called wrong while it can still become a word", () => {
    expect(readWords("abbey ab", LIST).words.at(-1)?.state).toBe("typing");
    expect(readWords("abbey ab ", LIST).words.at(-1)?.state).toBe("unknown");
    expect(readWords("abbey abx", LIST).words.at(-1)?.state).toBe("unknown");
  });

  test("a longer ending than the word's own is a slip", () => {
    expect(readWords("abbeys ", LIST).words[0]?.state).toBe("unknown");
  });

  test("two letters bring up what they could become, and pressing one completes it", () => {
    expect(readWords("zebra ab", LIST).suggestions).toEqual(["abbey", "able", "about", "above"]);
    expect(readWords("zebra a", LIST).suggestions).toEqual([]);
    expect(readWords("zebra ab ", LIST).suggestions).toEqual([]);
    expect(completeWord("zebra ab", "above")).toBe("zebra above ");
  });
});

describe("asking whether the words were written down", () => {
  test.prop([fc.array(fc.constantFrom(...LIST), { minLength: 2, maxLength: 25 })])(
    "asks for two different words of the list, the same two each time",
    (words) => {
      const [first, second] = placesToAsk(words);
      expect(first).toBeGreaterThanOrEqual(0);
      expect(first).toBeLessThan(second);
      expect(second).toBeLessThan(words.length);
      expect(placesToAsk(words)).toEqual([first, second]);
    },
  );

  test("takes a word in any case and by four letters, and no other word", () => {
    expect(isSameWord(" Zebra ", "zebra")).toBe(true);
    expect(isSameWord("zebr", "zebra")).toBe(true);
    expect(isSameWord("zeb", "zebra")).toBe(false);
    expect(isSameWord("about", "above")).toBe(false);
  });
});
