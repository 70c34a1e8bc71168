import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A self-signed certificate with its key; its file is also the file of its CA. */
export type Certificate = { readonly caFile: string; readonly keyFile: string };

/** @param names as in subjectAltName, such as `DNS:localhost` */
export function makeCertificate(...names: readonly string[]): Certificate {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "certificate-")));
  const [keyFile, caFile] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  const made = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", keyFile, "-out", caFile];
  const subject = ["-subj", "/CN=tests", "-addext", `subjectAltName=${names.join()}`];
  execFileSync("openssl", ["req", ...made, ...subject], { stdio: "ignore" });
  return { caFile, keyFile };
}
