/** The longest token that the gateway accepts or sends, in characters. */
export const AUTH_TOKEN_MAX = 32_768;

/** Whether a text is not empty and has only visible ASCII characters, which a header can carry. */
export function isAuthToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
