// The library speaks English only. Its labels are exchanged for the page's where they appear; what comes from the document stays.
import { t } from "@huying/ui/text.ts";

/** By the library's own words: the code of ours. */
const LABELS: Readonly<Record<string, string>> = {
  Authorize: "reference-label-authorize",
  "Available authorizations": "reference-label-authorizations",
  Close: "reference-label-close",
  Logout: "reference-label-forget",
  "Value:": "reference-label-value",
  "Name:": "reference-label-name-is",
  "In:": "reference-label-in",
  Name: "reference-label-name",
  Type: "reference-label-type",
  Description: "reference-label-description",
  Servers: "reference-label-servers",
  Parameters: "reference-label-parameters",
  "No parameters": "reference-label-no-parameters",
  "Request body": "reference-label-request-body",
  "Request content type": "reference-label-content-type",
  "Try it out": "reference-label-try",
  Cancel: "reference-label-cancel",
  Execute: "reference-label-execute",
  Clear: "reference-label-clear",
  Reset: "reference-label-reset",
  "Send empty value": "reference-label-send-empty",
  Responses: "reference-label-responses",
  "Server response": "reference-label-server-response",
  "Response body": "reference-label-response-body",
  "Response headers": "reference-label-response-headers",
  "Request URL": "reference-label-request-url",
  "Request duration": "reference-label-duration",
  Details: "reference-label-details",
  Download: "reference-label-download",
  Code: "reference-label-code",
  Links: "reference-label-links",
  "No links": "reference-label-no-links",
  "Headers:": "reference-label-headers",
  "Media type": "reference-label-media-type",
  "Media Type": "reference-label-media-type",
  Controls: "reference-label-controls",
  "header.": "reference-label-header",
  "Example Value": "reference-label-example",
  Schema: "reference-label-schema",
  Schemas: "reference-label-schemas",
  Undocumented: "reference-label-undocumented",
  "Filter by tag or path": "reference-label-filter",
  "Expand operation": "reference-label-expand",
  "Collapse operation": "reference-label-collapse",
  "Expand all": "reference-label-expand-all",
  "Collapse all": "reference-label-collapse-all",
  "Copy path to clipboard": "reference-label-copy-path",
  "Copy cURL command to clipboard": "reference-label-copy-curl",
  "Copy code to clipboard": "reference-label-copy-code",
  "Apply credentials": "reference-label-apply",
  "Loading...": "reference-label-loading",
};

/** Attributes that a person reads or hears. */
const SAID = ["placeholder", "aria-label", "title"];

/** Parts that show the document's or the server's words, which are nobody's labels. */
const FOREIGN = "pre, code, textarea, .renderedMarkdown, .opblock-summary-path, .prop-name, .prop-type";

/** Puts our words in place of the library's below `place`, now and whenever it draws. */
export function translate(place: HTMLElement): void {
  new MutationObserver((changes) => {
    for (const { type, target, addedNodes } of changes) {
      if (type === "childList") addedNodes.forEach(translateBelow);
      else translateBelow(target);
    }
  }).observe(place, { attributeFilter: SAID, childList: true, characterData: true, subtree: true });
}

function translateBelow(node: Node): void {
  if (node instanceof Element && !node.matches(FOREIGN)) {
    for (const name of SAID) {
      const own = ours(node.getAttribute(name) ?? "");
      if (own) node.setAttribute(name, own);
    }
    node.childNodes.forEach(translateBelow);
  }
  // Only the words of the node are changed, never the nodes: the library goes on finding what it has drawn.
  const own = node instanceof Text && !node.parentElement?.closest(FOREIGN) ? ours(node.data) : undefined;
  if (own) (node as Text).data = own;
}

function ours(words: string): string | undefined {
  const code = Object.hasOwn(LABELS, words.trim()) ? LABELS[words.trim()] : undefined;
  return code && t(code);
}
