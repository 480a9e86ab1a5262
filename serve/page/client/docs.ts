/** Draws the documentation of an OpenAPI document; swagger-ui-bundle.js defines it. */
declare function SwaggerUIBundle(options: Record<string, unknown>): void;

document.documentElement.classList.toggle('dark-mode', matchMedia('(prefers-color-scheme: dark)').matches);
SwaggerUIBundle({
  // beside this page, whatever prefix a gateway serves it under
  url: 'openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  // else it asks a server elsewhere whether the document is valid
  validatorUrl: null,
});
