/** Characters of the longest token that is taken or shown. */
export const AUTH_TOKEN_MAX = 32_768;

/** Whether a text holds nothing but characters that tokens are made of, all of which a header can carry. */
export function isAuthToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
