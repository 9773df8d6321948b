/**
 * Starts the SDK gateway, runs a command with its addresses in the environment, and exits as the command did.
 *
 *     npx tsx test/conformance/with-gateway.ts python test/conformance/openai_python.py
 */

import { runClient } from "./client-run.ts";
import { maskedSentence, secret } from "./scripted-model.ts";
import { startSdkGateway } from "./sdk-gateway.ts";

await runClient(startSdkGateway, { WEIR_SECRET: secret, WEIR_MASKED_SENTENCE: maskedSentence });
