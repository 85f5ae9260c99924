import { lazy, Suspense, useState, type ReactNode } from "react";
import { Banner } from "../design/Banner.tsx";
import { CardPage } from "../design/CardPage.tsx";
import { Waiting } from "../design/Waiting.tsx";
import { WithBanner } from "../design/WithBanner.tsx";
import { t } from "../locales/texts.ts";
import type { CoreHost } from "../platform/core-host.ts";
import { BeginScreen } from "./BeginScreen.tsx";
import { ProtectScreen } from "./ProtectScreen.tsx";

const RestoreTravel = lazy(async () => ({ default: (await import("../provisions/RestoreTravel.tsx")).RestoreTravel }));

interface SetUpScreenProps {
  readonly host: CoreHost;
  readonly invited: boolean;
  /** There was a vault, and the browser threw it away. */
  readonly evicted: boolean;
  /** A kit is to be entered once there is a vault. */
  readonly onKit: () => void;
  /** A vault is about to be made. */
  readonly onMake: () => void;
}

/** Where no vault is yet: the ways to one. */
export function SetUpScreen({ host, invited, evicted, onKit, onMake }: SetUpScreenProps): ReactNode {
  const [step, setStep] = useState<"begin" | "protect" | "travel">("begin");
  const back = (): void => {
    setStep("begin");
  };
  switch (step) {
    case "begin":
      return (
        <WithBanner
          banner={
            evicted && <Banner tone="danger" icon="warning" title={t("setup.evicted")} text={t("setup.evicted-text")} />
          }
        >
          <BeginScreen
            invited={invited}
            onBegin={() => {
              setStep("protect");
            }}
            onKit={() => {
              onKit();
              setStep("protect");
            }}
            onTravel={() => {
              setStep("travel");
            }}
          />
        </WithBanner>
      );
    case "protect":
      return <ProtectScreen host={host} onBack={back} onMake={onMake} />;
    case "travel":
      return (
        <CardPage title={t("setup.have-code")} mark={false}>
          <Suspense fallback={<Waiting label={t("app.loading")} />}>
            <RestoreTravel
              restore={(input, onProgress) => host.restoreTravel(input, onProgress)}
              onRestored={() => undefined}
              onBack={back}
            />
          </Suspense>
        </CardPage>
      );
  }
}
