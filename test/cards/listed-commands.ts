/** A few of the chat's commands, as `help` lists them. */
export const COMMANDS = [
  { usage: 'approvals [mine|all|SCOPE]', meaning: 'what is open' },
  { usage: 'approve ID [comment]', meaning: 'approve a deployment' },
  { usage: 'reject ID comment', meaning: 'reject it and say why' },
  { usage: 'why ID', meaning: 'what a request waits for' },
  { usage: 'who approves SERVICE ENV', meaning: 'the route, its people and who may not' },
  { usage: 'status', meaning: 'whether everything is delivered' },
];
