import { useServices } from "../../services";
import type { Key, NewKey, Project } from "../../wire/organization";
import { ChangeKey, RevokeKey } from "./key-changes";
import { CreateKey, CreateServiceAccount, NameKey } from "./key-making";
import type { Reach } from "./reach";
import { Secret } from "./secret";

/** Which dialog is open. The secret of a new key is here and nowhere else. */
export type OpenDialog =
  | { readonly is: "create" | "account" | "name" }
  | { readonly is: "change" | "revoke"; readonly key: Key }
  | { readonly is: "made"; readonly key: NewKey };

export interface KeyDialogsProps {
  readonly open: OpenDialog | null;
  readonly onOpen: (open: OpenDialog | null) => void;
  /** Called when keys are not what they were. */
  readonly onChanged: () => void;
  readonly reach: Reach;
  readonly projects: readonly Project[];
  /** The project whose keys are shown; null for those of the organization. */
  readonly project: Project | null;
}

/** The dialogs that make, change and end keys: one of them, or none. */
export function KeyDialogs(props: KeyDialogsProps) {
  const { open, onOpen, onChanged, reach, projects, project } = props;
  const { toasts } = useServices();
  const onClose = (): void => onOpen(null);
  const closing = (text: string) => ({
    onClose,
    onDone: () => {
      onChanged();
      toasts.say(text);
    },
  });
  const onMade = (key: NewKey): void => {
    onChanged();
    onOpen({ is: "made", key });
  };
  switch (open?.is) {
    case undefined:
      return null;
    case "create":
      return <CreateKey {...{ reach, projects, onClose, onMade }} />;
    case "account":
      return project && <CreateServiceAccount {...{ project, onClose, onMade }} />;
    case "made":
      return <Secret made={open.key} onClose={onClose} />;
    case "name":
      return project && <NameKey project={project} {...closing("The key has its name.")} />;
    case "change":
      return <ChangeKey apiKey={open.key} {...closing("The key is changed.")} />;
    case "revoke":
      return (
        <RevokeKey
          apiKey={open.key}
          project={project?.id ?? null}
          isOwn={open.key.id === reach.keyId}
          {...closing("The key is revoked.")}
        />
      );
  }
}
