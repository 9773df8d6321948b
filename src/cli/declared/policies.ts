/** `weir policies`: who may ask what, in a running gateway; and what policies make of calls, tried at the prompt. */

import { Command } from "commander";
import { PolicyService } from "../../gen/weir/v1/policy_pb.ts";
import { clientOf, type GatewayOptions } from "../gateway-client.ts";
import { testCommand } from "../policies-test.ts";
import type { Terminal } from "../terminal.ts";
import { addCollection, type Collection } from "./collection.ts";

const client = (options: GatewayOptions) => clientOf(PolicyService, options);

const policies: Collection = {
  section: "policies",
  noun: "policy",
  example: "analysts",
  list: async (options) => (await client(options).listPolicies({})).policies,
  get: async (options, name) => (await client(options).getPolicy({ name })).policy,
  create: async (options, { name, document }) => (await client(options).createPolicy({ name, document: { ...document } })).policy,
  update: async (options, { name, document }) => {
    const { revision = "" } = options;
    return (await client(options).updatePolicy({ name, document: { ...document }, revision })).policy;
  },
  delete: (options, name) => client(options).deletePolicy({ name, revision: options.revision ?? "" }),
};

/** The commands about policies. */
export const policiesCommand = (terminal: Terminal): Command =>
  addCollection(
    new Command("policies").description("who may ask what, in a running gateway; and policies tried with a table of cases"),
    policies,
    terminal,
  )
    .addCommand(testCommand(terminal))
    .addHelpText("after", "\nExamples:\n  weir policies list\n  weir policies test cases.yaml --config weir.yaml");
