/** The files of the npm package swagger-ui-dist that the documentation is drawn with; they lie beside the server. */
export const docsFiles = ['swagger-ui.css', 'swagger-ui-bundle.js'] as const;
export type DocsFile = (typeof docsFiles)[number];
