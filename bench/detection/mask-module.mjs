#!/usr/bin/env node
// The bridge between the catalogue and a scorer of detection: exports `mask(text)`, which returns the spans that would be masked (UTF-16 offsets).
//   node --import tsx score.mjs --corpus cases.jsonl --module bench/detection/mask-module.mjs
// WEIR_PACKS names the packs, separated by commas; every detector where it is not set.
import { existsSync } from "node:fs";

const built = new URL("../../dist/policy/masking/index.js", import.meta.url);
const load = async (path) =>
  existsSync(built) && process.env.WEIR_SOURCE === undefined
    ? import(new URL(`../../dist/policy/${path}.js`, import.meta.url).href)
    : import(new URL(`../../policy/${path}.ts`, import.meta.url).href);

const { compile } = await load("masking/index");
const { detectorsNamed } = await load("catalogue/index");
const program = compile(detectorsNamed((process.env.WEIR_PACKS ?? "all").split(",")));

/** The spans of a text that are masked. */
export const mask = (text) => ({ spans: program.spans(text).map(({ start, end }) => [start, end]) });
