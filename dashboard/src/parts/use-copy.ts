import { useServices } from "../services";

/** Copy a text to the clipboard, and say whether it worked. */
export function useCopy(): (text: string) => void {
  const { toasts } = useServices();
  return (text) => {
    // Without https a browser has no clipboard for pages; the text can be marked all the same.
    const copied =
      navigator.clipboard?.writeText(text) ?? Promise.reject(new Error("no clipboard"));
    copied.then(
      () => toasts.say("Copied."),
      () => toasts.complain("This browser lets no page copy here: mark the text and copy it."),
    );
  };
}
