/** The shapes of error bodies, by their author. */
export const ERROR_SHAPES = [
  "modelarts",
  "modelarts-v1",
  "api-gateway",
  "keystone",
  "iam",
  "iam-denial",
  "maas",
  "camel-case",
  "code-message",
  "html",
] as const;
export type ErrorShape = (typeof ERROR_SHAPES)[number];

/** The content of an error body, in any shape. */
export type ErrorFacts = {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
};

/** The body as a JSON value; for `html` the page itself. */
export const errorBody = (shape: ErrorShape, { status, code, message, requestId }: ErrorFacts): unknown => {
  switch (shape) {
    case "modelarts":
    case "iam":
      return { error_code: code, error_msg: message };
    case "modelarts-v1":
      return { is_success: false, error_message: message, error_code: code, error_solution: "" };
    case "api-gateway":
      return { error_msg: message, error_code: code, request_id: requestId };
    case "keystone":
      return { error: { message, code: status, title: code } };
    case "iam-denial":
      return { error_code: code, error_msg: message, encoded_authorization_message: "b3BhcXVl" };
    case "maas":
      return {
        error: { code, message, type: "invalid_request_error" },
        error_code: code,
        error_msg: message,
      };
    case "camel-case":
      return { errorCode: code, errorMessage: message };
    case "code-message":
      return { code, message };
    case "html":
      return `<html>\r\n<head><title>${status} ${message}</title></head>\r\n<body><h1>${status} ${message}</h1></body>\r\n</html>\r\n`;
  }
};
