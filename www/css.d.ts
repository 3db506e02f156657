/** A style sheet as a text: see build.mjs. */
declare module '*.css' {
  const sheet: string;
  export default sheet;
}
