import { useEffect, useState, type ReactNode } from "react";

import { Button } from "../design/Button.tsx";
import { ChoiceRows } from "../design/Row.tsx";
import { t, type TextId } from "../locales/texts.ts";
import { act } from "../state/act.ts";
import { useVaultActions } from "../state/vault-actions.ts";
import { differs, finishedSecret, type NewSecretState } from "./new-secret.ts";
import { SecretInput } from "./SecretInput.tsx";
import css from "./NewSecret.module.css";

interface NewSecretProps {
  readonly mode: "pin" | "passphrase";
  /** The secret when it is good and was typed as it should be, else `undefined`. */
  readonly onSecret: (secret: string | undefined) => void;
}

const EMPTY: NewSecretState = { way: "assigned", proposed: undefined, own: "", again: "", judgement: undefined };
const WAYS = ["assigned", "own"] as const;

/** Makes a new PIN or passphrase: one that the app assigns, or an own one that it judges. Either is typed to check. */
export function NewSecret({ mode, onSecret }: NewSecretProps): ReactNode {
  const actions = useVaultActions();
  const [state, setState] = useState(EMPTY);
  const change = (next: NewSecretState): void => {
    setState(next);
    onSecret(finishedSecret(next));
  };
  const propose = (): void =>
    void act(async () => {
      const proposed = await actions.proposeSecret(mode);
      setState((old) => ({ ...old, proposed, again: "" }));
    });
  useEffect(propose, [actions, mode]);
  const judge = (own: string): void => {
    change({ ...state, own, judgement: undefined });
    void act(async () => {
      const judgement = await actions.judgeSecret(mode, own);
      setState((old) => (old.own === own ? { ...old, judgement } : old));
    });
  };
  const { way, proposed, own, again, judgement } = state;
  return (
    <div className={css["new"]}>
      <div className={css["ways"]}>
        <ChoiceRows
          legend={t(`secret.new-${mode}` satisfies TextId)}
          name="secret-way"
          value={way}
          options={WAYS.map((value) => ({ value, title: t(`secret.way-${value}` satisfies TextId) }))}
          onChange={(next) => {
            change({ ...state, way: next, again: "" });
          }}
        />
      </div>
      {way === "assigned" ? (
        <div className={css["assigned"]}>
          <output className={mode === "pin" ? css["pin"] : css["words"]} dir="ltr" lang="en">
            {proposed}
          </output>
          <p className={css["hint"]}>{t("secret.assigned-note")}</p>
          <Button icon="retry" onPress={propose}>
            {t("secret.another")}
          </Button>
        </div>
      ) : (
        <SecretInput
          mode={mode}
          label={t(`secret.new-${mode}` satisfies TextId)}
          value={own}
          onChange={judge}
          hint={t(`secret.own-${mode}` satisfies TextId)}
          error={
            judgement === undefined || judgement === "good" || own === ""
              ? undefined
              : t(`secret.judged-${judgement}` satisfies TextId)
          }
        />
      )}
      <SecretInput
        mode={mode}
        label={t("secret.again")}
        value={again}
        onChange={(next) => {
          change({ ...state, again: next });
        }}
        error={differs(state) ? t("secret.differs") : undefined}
      />
    </div>
  );
}
