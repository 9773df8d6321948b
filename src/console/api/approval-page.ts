/** What the link in a message about an approval leads to: how to see it and decide. Says nothing of the approval itself, so that nobody need sign in. */

const linkPattern = /^\/approvals\/(?<id>apr_[A-Za-z0-9_-]{16})$/;

/** The approval that a path is the link to; undefined: the path is none. */
export const approvalLink = (path: string): string | undefined => linkPattern.exec(path)?.groups?.id;

/** The page, plain text. */
export const howToDecide = (id: string): string => `Approval ${id}

With WEIR_URL set to this address and WEIR_TOKEN to your own token or key:

  weir approvals show ${id}
  weir approvals approve ${id}
  weir approvals deny ${id} --reason "..."
`;
