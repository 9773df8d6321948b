/** The text inside protobuf and proto-JSON messages: descriptors of each connection, and readers of their methods' messages. */

export { type AskUpstream, ConnectionMessages, type DescribedMethods, DescriptorsUnavailable } from "./connection-messages.ts";
export type { MessageEncoding, MessageReader, MessageText, MethodMessages, ReadMessage } from "./message.ts";
