import { useCallback, useEffect, useRef, useState, type ReactNode, type RefObject } from "react";
import { Button } from "../design/Button.tsx";
import { Sheet } from "../design/Sheet.tsx";
import { Waiting } from "../design/Waiting.tsx";
import { t } from "../locales/texts.ts";
import { readQr, readQrFromFile } from "./read-qr.ts";
import css from "./ScanSheet.module.css";

interface ScanSheetProps {
  readonly title: string;
  readonly onFound: (text: string) => void;
  readonly onClose: () => void;
}

const LOOK_EVERY_MS = 150;

/** Looks through the camera for a QR code while it is open, or at a picture that the user chooses. */
export function ScanSheet({ title, onFound, onClose }: ScanSheetProps): ReactNode {
  const video = useRef<HTMLVideoElement>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const [state, setState] = useState<"starting" | "looking" | "no-camera">("starting");
  const [hint, setHint] = useState<string>();
  const found = useRef(onFound);
  useEffect(() => {
    found.current = onFound;
  });
  const report = useCallback((text: string) => {
    found.current(text);
  }, []);

  useEffect(() => watchCamera(video, setState, report), [report]);

  const choose = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    const text = await readQrFromFile(file);
    if (text === undefined) setHint(t("scan.nothing"));
    else report(text);
  };
  return (
    <Sheet title={title} open onClose={onClose}>
      {state === "no-camera" ? (
        <p role="status">{t("scan.no-camera")}</p>
      ) : (
        <div className={css["stage"]}>
          <video ref={video} className={css["video"]} playsInline muted aria-label={t("scan.camera")} />
          {state === "starting" && <Waiting label={t("scan.starting")} />}
          {state === "looking" && <span className={css["frame"]} />}
        </div>
      )}
      {state === "looking" && <p className={css["text"]}>{t("scan.text")}</p>}
      {hint !== undefined && <p role="status">{hint}</p>}
      <input
        ref={chooser}
        type="file"
        accept="image/*"
        hidden
        aria-label={t("scan.from-file")}
        onChange={(event) => {
          void choose(event.currentTarget.files?.[0]);
          event.currentTarget.value = "";
        }}
      />
      <Button icon="image" wide onPress={() => chooser.current?.click()}>
        {t("scan.from-file")}
      </Button>
    </Sheet>
  );
}

/** Runs the camera until the returned function is called or something was found. It is off at once after. */
function watchCamera(
  video: RefObject<HTMLVideoElement | null>,
  setState: (state: "looking" | "no-camera") => void,
  report: (text: string) => void,
): () => void {
  let stream: MediaStream | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ended = new AbortController();
  const isOver = (): boolean => ended.signal.aborted;
  const stop = (): void => {
    ended.abort();
    clearTimeout(timer);
    for (const track of stream?.getTracks() ?? []) track.stop();
  };
  const look = async (): Promise<void> => {
    const element = video.current;
    if (isOver() || element === null) return;
    const text = element.videoWidth > 0 ? await readQr(element, element.videoWidth, element.videoHeight) : undefined;
    if (isOver()) return;
    if (text !== undefined) {
      stop();
      report(text);
      return;
    }
    timer = setTimeout(() => void look(), LOOK_EVERY_MS);
  };
  const start = async (): Promise<void> => {
    try {
      const media = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1440 } },
      });
      stream = media;
      if (isOver()) {
        stop();
        return;
      }
      if (video.current === null) return;
      video.current.srcObject = media;
      await video.current.play();
      setState("looking");
      await look();
    } catch {
      // No camera, or not allowed: a picture can be chosen instead.
      if (!isOver()) setState("no-camera");
    }
  };
  void start();
  return stop;
}
