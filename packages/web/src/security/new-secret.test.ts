import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { differs, finishedSecret, type NewSecretState } from "./new-secret.ts";

const state = (more: Partial<NewSecretState>): NewSecretState => ({
  way: "assigned",
  proposed: "482913",
  own: "",
  again: "",
  judgement: undefined,
  ...more,
});

describe("a new secret", () => {
  test("that was assigned is taken only when it was typed", () => {
    expect(finishedSecret(state({}))).toBeUndefined();
    expect(finishedSecret(state({ again: "482912" }))).toBeUndefined();
    expect(finishedSecret(state({ again: "482 913" }))).toBe("482913");
  });

  test("that was chosen is taken only when it is good and was typed twice", () => {
    const own = state({ way: "own", own: "904417", again: "904417" });
    expect(finishedSecret(own)).toBeUndefined();
    expect(finishedSecret({ ...own, judgement: "common" })).toBeUndefined();
    expect(finishedSecret({ ...own, judgement: "good" })).toBe("904417");
    expect(finishedSecret({ ...own, judgement: "good", again: "904418" })).toBeUndefined();
  });

  test("nothing is no secret", () => {
    expect(finishedSecret(state({ way: "own", own: "", again: "", judgement: "good" }))).toBeUndefined();
    expect(finishedSecret(state({ proposed: undefined, again: "" }))).toBeUndefined();
  });

  test.prop([fc.stringMatching(/^[0-9]{6}$/), fc.nat(6)])(
    "is not called different while it is being typed",
    (pin, at) => {
      expect(differs(state({ proposed: pin, again: pin.slice(0, at) }))).toBe(false);
      expect(differs(state({ proposed: pin, again: `${pin}1` }))).toBe(true);
    },
  );
});
