/** An access key for a test; the test must add it to the simulator. */
export const ACCESS_KEY = { accessKey: "AKSIMULATOR000000001", secretKey: "sk/simulated+secret" };

/** The settings of a gateway that signs its calls with a key. */
export function signedBy({ accessKey, secretKey }: typeof ACCESS_KEY = ACCESS_KEY) {
  return { MODELARTS_AUTH: "aksk", HUAWEICLOUD_SDK_AK: accessKey, HUAWEICLOUD_SDK_SK: secretKey };
}
