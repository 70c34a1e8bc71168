/** Thrown if a part of the gateway finds a wrong setting when it starts. The message is the line about the setting. */
export class SettingError extends Error {
  override readonly name = "SettingError";
}
