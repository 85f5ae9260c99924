import type { ReactNode } from "react";
import { Button } from "../design/Button.tsx";
import { CardPage } from "../design/CardPage.tsx";
import { Icon, type IconName } from "../design/icons.tsx";
import { LANGUAGE_NAMES } from "../locales/language-names.ts";
import { language, switchLanguage, t } from "../locales/texts.ts";
import { LANGUAGES } from "../platform/preferences.ts";
import css from "./BeginScreen.module.css";

interface BeginScreenProps {
  readonly invited: boolean;
  readonly onBegin: () => void;
  readonly onKit: () => void;
  readonly onTravel: () => void;
}

const PROMISES: readonly {
  readonly icon: IconName;
  readonly id: "welcome.promise-encrypted" | "welcome.promise-no-number" | "welcome.promise-readers";
}[] = [
  { icon: "lock", id: "welcome.promise-encrypted" },
  { icon: "person", id: "welcome.promise-no-number" },
  { icon: "eye", id: "welcome.promise-readers" },
];

/** The first thing anybody sees: what this is, and the ways in. */
export function BeginScreen({ invited, onBegin, onKit, onTravel }: BeginScreenProps): ReactNode {
  return (
    <CardPage
      title={invited ? t("welcome.invited-title") : t("welcome.title")}
      lead={invited ? t("welcome.invited-lead") : t("welcome.lead")}
    >
      <div className={css["ways"]}>
        <Button look="primary" wide onPress={onBegin}>
          {t("setup.begin")}
        </Button>
        <Button look="plain" icon="key" onPress={onKit}>
          {t("setup.have-kit")}
        </Button>
        <Button look="plain" icon="luggage" onPress={onTravel}>
          {t("setup.have-code")}
        </Button>
      </div>
      <Promises />
      <Languages />
    </CardPage>
  );
}

function Promises(): ReactNode {
  return (
    <ul className={css["promises"]}>
      {PROMISES.map(({ icon, id }) => (
        <li key={id}>
          <Icon name={icon} />
          <span>{t(id)}</span>
        </li>
      ))}
    </ul>
  );
}

function Languages(): ReactNode {
  return (
    <div className={css["languages"]} role="group" aria-label={t("settings.language")}>
      {LANGUAGES.filter((one) => one !== language()).map((one) => (
        <Button
          key={one}
          look="plain"
          icon="globe"
          onPress={() => {
            void switchLanguage(one);
          }}
        >
          <span lang={one}>{LANGUAGE_NAMES[one]}</span>
        </Button>
      ))}
    </div>
  );
}
