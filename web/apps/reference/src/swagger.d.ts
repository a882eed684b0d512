// The part of swagger-ui-dist that is used here; it brings no types.
declare module "swagger-ui-dist/swagger-ui-es-bundle.js" {
  export default function SwaggerUI(options: {
    spec: object;
    domNode: HTMLElement;
    deepLinking: boolean;
    docExpansion: "list" | "full" | "none";
    defaultModelsExpandDepth: number;
    filter: boolean;
    /** Null: no validator of another origin is asked. */
    validatorUrl: null;
    /** What was typed as a key is forgotten with the page. */
    persistAuthorization: boolean;
  }): void;
}
