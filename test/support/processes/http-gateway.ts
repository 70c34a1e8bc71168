import { GatewayError, type GatewayErrorCode, type GatewayErrorDetails } from "../../../src/errors.js";
import { askEvents, pageOf } from "./gateway-client.js";
import { type PageSource } from "../walk.js";

/** The pages of one job from a gateway process over HTTP. Its errors are thrown as GatewayErrors. */
export function httpGateway(url: string, id: string): PageSource {
  return {
    read: async (page, language) => {
      const headers: Record<string, string> = language === null ? {} : { "x-language": language };
      const answer = await askEvents(url, { id, ...page, order: page.order ?? "NEWEST_FIRST" }, headers);
      const [error] = answer.errors;
      if (error === undefined) return pageOf(answer);
      throw new GatewayError(
        error.extensions.code as GatewayErrorCode,
        error.message,
        error.extensions as GatewayErrorDetails,
      );
    },
  };
}
