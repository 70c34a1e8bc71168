import { baseUrl, listOf, matching, oneOf, onOff, secretText, wholeUrl } from "./formats.js";
import { optional, withDefault } from "./setting.js";

const printable = matching(/^[\x21-\x7e]{1,256}$/, "1 to 256 printable characters without spaces");
const printables = listOf(
  matching(/^[\x21-\x2b\x2d-\x7e]{1,256}$/, "1 to 256 printable characters without spaces and commas"),
);
const named = matching(/^[^\p{Cc}]{1,256}$/u, "1 to 256 characters");

/** The variables about the gateway's own credentials and those of its callers. */
export const credentialsTable = {
  MODELARTS_AUTH: optional(
    oneOf("passthrough", "iam", "aksk", "agency", "none"),
    "none with the simulator, else passthrough",
    "The credentials of upstream calls: the caller's X-Auth-Token (passthrough), a token of the gateway (iam), a signature (aksk), a signature by temporary keys of the machine's agency (agency), or none.",
  ),
  HUAWEICLOUD_SDK_AK: optional(printable, "unset", "Access key, for aksk."),
  HUAWEICLOUD_SDK_SK: optional(secretText, "unset", "Secret key, for aksk."),
  HUAWEICLOUD_SDK_SECURITY_TOKEN: optional(
    secretText,
    "unset",
    "Security token of temporary access keys, for aksk; sent as X-Security-Token.",
  ),
  HUAWEICLOUD_METADATA_ENDPOINT: withDefault(
    baseUrl,
    "http://169.254.169.254",
    "Base URL of the metadata service of ECS and CCE, for agency.",
  ),
  IAM_ENDPOINT: optional(
    baseUrl,
    "unset",
    "Base URL of IAM, such as https://iam.<region>.myhuaweicloud.com, for iam.",
  ),
  IAM_DOMAIN: optional(named, "unset", "Account name, for iam."),
  IAM_USER: optional(named, "unset", "User name, for iam."),
  IAM_PASSWORD: optional(secretText, "unset", "Password, for iam."),
  JWT_JWKS_URL: optional(
    wholeUrl,
    "unset",
    "Key set of the JWTs that callers send, for iam, aksk and agency.",
  ),
  JWT_JWKS_ALLOW_HTTP: withDefault(
    onOff,
    "off",
    "Allows plain HTTP to another host in JWT_JWKS_URL, for an identity provider inside a cluster.",
  ),
  JWT_ISSUER: optional(printables, "unset", "The accepted issuers of JWTs, comma-separated."),
  JWT_AUDIENCE: optional(printables, "unset", "The accepted audiences of JWTs, comma-separated."),
  JWT_PROJECTS_CLAIM: optional(
    printable,
    "unset: all",
    'Path of the JWT claim that lists the projects a caller may read ("*": all), such as modelarts.projects.',
  ),
  ALLOW_ANONYMOUS: withDefault(
    onOff,
    "off",
    "Allows callers without a JWT in the modes iam, aksk and agency.",
  ),
};
