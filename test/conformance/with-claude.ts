/**
 * Starts the gateway before a scripted Claude, runs a command with its addresses in the environment, and exits as the command did.
 *
 *     npx tsx test/conformance/with-claude.ts python test/conformance/anthropic_python.py
 */

import { label, maskedSentence, secret } from "./claude-blocks.ts";
import { startClaudeGateway } from "./claude-gateway.ts";
import { runClient } from "./client-run.ts";

await runClient(startClaudeGateway, { WEIR_SECRET: secret, WEIR_MASKED_SENTENCE: maskedSentence, WEIR_LABEL: label });
