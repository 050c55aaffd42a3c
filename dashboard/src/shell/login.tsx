import { useState } from "preact/hooks";
import { Button } from "../parts/button";
import { TextField } from "../parts/field";
import { useServices } from "../services";
import { asFault } from "../wire/errors";
import { Logo } from "./logo";
import "./shell.css";
import "./login.css";

/** Where a key is exchanged for a session; the address stays, and with it where one was. */
export function Login({ reason }: { readonly reason: string | null }) {
  const { session } = useServices();
  const [key, setKey] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const [isWaiting, setWaiting] = useState(false);

  const logIn = (event: SubmitEvent): void => {
    event.preventDefault();
    setWaiting(true);
    setFault(null);
    session
      .logIn(key)
      .catch((thrown: unknown) => setFault(asFault(thrown).message))
      .finally(() => setWaiting(false));
  };

  return (
    <main class="login">
      <div class="login-card">
        <div class="brand">
          <Logo />
          Tallybook
        </div>
        <div>
          <h1>Log in</h1>
          <p class="quiet">With a key that may read usage. It is sent once and not kept here.</p>
        </div>
        {reason && (
          <p class="notice" role="status">
            {reason}
          </p>
        )}
        <form onSubmit={logIn}>
          {/* So that password managers know whose key it is that they keep. */}
          <input type="text" autocomplete="username" value="tallybook" readOnly hidden />
          <TextField
            label="Key"
            type="password"
            value={key}
            onInput={setKey}
            placeholder="sk-admin-…"
            autocomplete="current-password"
            hint="The server printed one at its first start."
            fault={fault}
            isRequired
            isFocused
          />
          <Button type="submit" look="primary" isDisabled={isWaiting || key.trim() === ""}>
            {isWaiting ? "Logging in…" : "Log in"}
          </Button>
        </form>
      </div>
    </main>
  );
}
