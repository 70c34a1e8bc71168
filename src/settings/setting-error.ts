/** A setting whose value is found to be wrong when its part starts. The message is the line about it. */
export class SettingError extends Error {
  override readonly name = "SettingError";
}
