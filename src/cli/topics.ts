/** `weir topics`: the topic packs that policies may name. */

import { Command } from "commander";
import { topics } from "../../policy/index.ts";
import { addFormat, type Format, json, type Output, table, write } from "./output.ts";

/** The command that lists topics. */
export const topicsCommand = (output: Output): Command =>
  addFormat(new Command("topics"))
    .description("list the topics that policies may block or hold (prompts.topics, approval.when.topics)")
    .addHelpText("after", "\nExample:\n  weir topics -o json")
    .action(async ({ output: chosen }: { output: Format }) => {
      const rows = topics.map(({ name, title, words, pairs, forms }) => [name, title, String(words.length + pairs.length + forms.length)]);
      await write(
        output,
        chosen === "json" ? json(topics.map((topic) => ({ id: topic.name, ...topic }))) : table(["NAME", "FINDS", "RULES"], rows),
      );
    });
