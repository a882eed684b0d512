// The Open311 project's machine-readable GeoReport v2 document, with what it has otherwise than the specification's text put right.
// The document itself is not part of this project: `HUYING_DATA` names the folder it lies in.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const LIST = (definition) => ({ type: "array", items: { $ref: `#/definitions/${definition}` } });

/** Each with the reason, by http://wiki.open311.org/GeoReport_v2. */
const CORRECTIONS = [
  {
    why: "one request is read below /requests, and comes as a list of one",
    change(document) {
      const path = document.paths["/request/{service_request_id}.{response_format}"];
      delete document.paths["/request/{service_request_id}.{response_format}"];
      document.paths["/requests/{service_request_id}.{response_format}"] = path;
      path.get.responses[200].schema = LIST("Request");
    },
  },
  {
    why: "a token comes as a list of one",
    change: ({ paths }) => (paths["/tokens/{token_id}.{response_format}"].get.responses[200].schema = LIST("TokenResponse")),
  },
  {
    why: "the jurisdiction is needed only where an endpoint serves several",
    change: ({ parameters }) => (parameters.jurisdiction_id.required = false),
  },
  {
    why: "there are two formats",
    change: ({ parameters }) => (parameters.response_format.enum = ["json", "xml"]),
  },
  {
    why: "what is handed in stands in the form, not in the address, with the answers and the reporter the text names",
    change({ paths, parameters }) {
      const { post } = paths["/requests.{response_format}"];
      const given = post.parameters.filter((one) => !one.$ref && one.name !== "attribute");
      const texts = ["description", "email", "first_name", "last_name", "phone", "device_id", "account_id", "media_url", "attribute[KIND]"];
      post.parameters = [
        { $ref: "#/parameters/response_format" },
        { ...parameters.jurisdiction_id, in: "formData" },
        ...given.map((one) => ({ ...one, in: "formData" })),
        ...texts.map((name) => ({ name, in: "formData", type: "string" })),
        { name: "api_key", in: "formData", type: "string", required: true },
      ];
      delete post.security;
    },
  },
  {
    why: "errors are a list of codes with descriptions: 400 what is missing or wrong, 403 the key, 404 what is not there",
    change(document) {
      document.definitions.Error = {
        type: "object",
        required: ["code", "description"],
        properties: { code: { type: "integer" }, description: { type: "string" } },
      };
      for (const methods of Object.values(document.paths)) {
        for (const [method, operation] of Object.entries(methods)) {
          const statuses = method === "post" ? [400, 403, 404] : [400, 404];
          for (const status of statuses) operation.responses[status] = { description: "refused", schema: LIST("Error") };
          delete operation.responses[401];
        }
      }
    },
  },
];

/** The corrected document of the folder. */
export function corrected(folder) {
  const document = JSON.parse(readFileSync(join(folder, "open311", "georeport-v2.swagger.json"), "utf8"));
  for (const { change } of CORRECTIONS) change(document);
  return { ...document, basePath: "/open311/v2" };
}
