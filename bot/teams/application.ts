import { randomUUID } from 'node:crypto';
import { Application } from '@microsoft/teams-ai/lib/Application.js';
import type { TurnState } from '@microsoft/teams-ai/lib/TurnState.js';
import type { TurnContext } from 'botbuilder';
import type { Conversation, Reachable, Recipient, TeamsUser } from '../../services/ports/notifier.ts';
import type { Answer, TurnPerson } from '../answer.ts';
import type { Said } from '../said.ts';
import type { ConnectorAdapter } from './adapter.ts';
import { commandTextOf, isSpokenToBot } from './command-text.ts';
import { at, type Fields, isFields, textAt } from './fields.ts';
import type { Turn } from './guard.ts';
import { answerToAction, answerToUnhandled, errorToAction, messageToAction } from './invoke-response.ts';
import type { TeamsLog } from './log.ts';
import { saidIn } from './mentions.ts';
import { messageOf } from './message.ts';
import { createNote } from './note.ts';
import { operationIdOf } from './operation-id.ts';
import { createSignIn } from './sign-in.ts';

/** A button of a card; `data` is what the client sent and nothing in it is trusted. */
export interface ActionInput {
  readonly verb: string;
  readonly data: unknown;
  /** The same however often Teams sends the click again. */
  readonly op: string;
  /** Sent by the client when the card came into view, not by a person. */
  readonly automatic: boolean;
}

export interface ApplicationNeeds {
  readonly adapter: ConnectorAdapter;
  /** Name of the bot's OAuth connection; absent: nobody can sign in. */
  readonly signInConnection?: string | undefined;
  runAction(by: TurnPerson, input: ActionInput): Promise<Answer>;
  /** `text` is one line without the bot's own mention. */
  runCommand(by: TurnPerson, text: string, op: string, said: Said): Promise<Answer>;
  /** These can be reached there, where `by` did something; called on every turn, its failure harms nobody. */
  reached(recipients: readonly Recipient[], conversation: Conversation, by?: TeamsUser): Promise<void>;
  /** The bot was removed there, or the channel is gone. */
  left?(recipients: readonly Recipient[], conversation: Conversation, code: string): Promise<void>;
  /** These are all channels of the team, none when the bot was removed from it; its failure harms nobody. */
  listed?(team: string, channels: readonly Reachable[]): Promise<void>;
  readonly log: TeamsLog;
}

const TURN = Symbol('turn');
const WELCOME =
  'Hello, this is Countersign. Deployments that wait for you, and what blocks yours, come here. Write "approvals" to see what waits for you, "help" for everything else.';

/** Gives the handlers what the guard learnt; to be called before `run`. */
export function rememberTurn(context: TurnContext, turn: Turn): void {
  context.turnState.set(TURN, turn);
}

type SignIn = ReturnType<typeof createSignIn>;
type Handler = (context: TurnContext, turn: Turn) => Promise<void>;

/**
 * What Teams can send and who answers it, first match first. Every turn needs rememberTurn. Has no storage: a turn's
 * state that is saved fails turns which ran at once, after they decided. A fault becomes one sentence with a reference
 * for the person and the whole error under that reference in the log.
 */
export function createApplication(needs: ApplicationNeeds): Application<TurnState> {
  const app = new Application<TurnState>({
    adapter: needs.adapter,
    startTypingTimer: false,
    removeRecipientMention: false,
    longRunningMessages: false,
  });
  const note = createNote(needs);
  const signIn = createSignIn({ ...needs, connection: needs.signInConnection });
  const route = (selects: (activity: Fields) => boolean, handler: Handler, isInvoke = false) =>
    app.addRoute(
      async (context) => selects(fieldsOf(context)),
      async (context) => {
        const turn = turnOf(context);
        const noted = note(context, turn);
        await handler(context, turn);
        await noted;
      },
      isInvoke,
    );
  route(isCardAction, act(needs, signIn), true);
  route(isSignIn, signIn.finish, true);
  route(isInvoke, refuseUnhandled, true);
  route(isSubmit, submit(needs, signIn));
  route(isMessage, command(needs, signIn));
  route(isInstallation, welcome);
  route(isConversationUpdate, async () => {});
  app.error(reportFault(needs.log));
  return app;
}

function isCardAction(activity: Fields): boolean {
  return isInvoke(activity) && activity['name'] === 'adaptiveCard/action';
}

function isSignIn(activity: Fields): boolean {
  return isInvoke(activity) && textAt(activity, 'name')?.startsWith('signin/') === true;
}

function isInvoke(activity: Fields): boolean {
  return activity['type'] === 'invoke';
}

function isSubmit(activity: Fields): boolean {
  return isMessage(activity) && textAt(activity, 'value', 'verb') !== undefined;
}

function isMessage(activity: Fields): boolean {
  return activity['type'] === 'message';
}

function isInstallation(activity: Fields): boolean {
  return activity['type'] === 'installationUpdate';
}

function isConversationUpdate(activity: Fields): boolean {
  return activity['type'] === 'conversationUpdate';
}

function act(needs: ApplicationNeeds, signIn: SignIn): Handler {
  return async (context, turn) => {
    const activity = fieldsOf(context);
    const verb = textAt(activity, 'value', 'action', 'verb');
    const data = at(activity, 'value', 'action', 'data') ?? {};
    if (verb === undefined || !isFields(data)) {
      await context.sendActivity(errorToAction(400, 'A card action has a verb and an object as its data.'));
      return;
    }
    const refused = await signIn.redeem(context, turn);
    if (refused !== undefined) {
      await context.sendActivity(refused);
      return;
    }
    const by = personOf(turn);
    const automatic = textAt(activity, 'value', 'trigger') === 'automatic';
    const answer = await needs.runAction(by, { verb, data, op: operationIdOf(activity, by.oid), automatic });
    // Nobody is asked to sign in because a card came into view.
    const asks = answer.signIn === true && !automatic;
    await context.sendActivity(asks ? await signIn.askInAction(context, turn, answer.text) : answerToAction(answer));
  };
}

async function refuseUnhandled(context: TurnContext): Promise<void> {
  await context.sendActivity(answerToUnhandled());
}

/** Clients without Action.Execute send the same data as a message. */
function submit(needs: ApplicationNeeds, signIn: SignIn): Handler {
  return async (context, turn) => {
    const activity = fieldsOf(context);
    const by = personOf(turn);
    const verb = textAt(activity, 'value', 'verb') ?? '';
    const op = operationIdOf(activity, by.oid);
    const answer = await needs.runAction(by, { verb, data: activity['value'], op, automatic: false });
    if (answer.signIn === true) await context.sendActivity(await signIn.askInChat(context, turn, answer.text));
    // What is answered to one person must not become the card that everybody sees.
    else if (turn.conversation.kind !== 'personal') await context.sendActivity(messageOf({ text: answer.text }));
    else await replaceCard(context, answer, needs.log);
  };
}

async function replaceCard(context: TurnContext, answer: Answer, log: TeamsLog): Promise<void> {
  const card = context.activity.replyToId;
  if (answer.card !== undefined && card) {
    try {
      await context.updateActivity({ ...messageOf(answer), id: card });
      return;
    } catch (error) {
      log.warn({ err: error, activityId: card }, 'card not updated, sent anew');
    }
  }
  await context.sendActivity(messageOf(answer));
}

function command(needs: ApplicationNeeds, signIn: SignIn): Handler {
  return async (context, turn) => {
    const activity = fieldsOf(context);
    if (!isSpokenToBot(activity, turn.conversation.kind)) return;
    const by = personOf(turn);
    // Everybody in a channel reads what is answered there: it is nobody's own view.
    const { refreshFor: _, clickedIn: __, ...inPublic } = { ...by, isPublic: true };
    const asking = turn.conversation.kind === 'personal' ? by : inPublic;
    const said = saidIn(context, activity, needs.log);
    const answer = await needs.runCommand(asking, commandTextOf(activity), operationIdOf(activity, by.oid), said);
    const asks = answer.signIn === true;
    await context.sendActivity(asks ? await signIn.askInChat(context, turn, answer.text) : messageOf(answer));
  };
}

/** Once, to a person: an upgrade is no news, and a team is not greeted. */
async function welcome(context: TurnContext, turn: Turn): Promise<void> {
  if (context.activity.action !== 'add' || turn.conversation.kind !== 'personal') return;
  await context.sendActivity(messageOf({ text: WELCOME }));
}

function reportFault(log: TeamsLog) {
  return async (context: TurnContext, fault: Error): Promise<void> => {
    const reference = randomUUID().slice(0, 8);
    log.error({ err: fault, reference }, 'turn failed');
    const activity = fieldsOf(context);
    // Whether it was recorded is not known, so nothing is said about that; trying again is never recorded twice.
    const sentence = `Countersign could not finish this. Try again; if it fails again, give the reference ${reference} to those who run Countersign.`;
    if (isInvoke(activity)) {
      const automatic = textAt(activity, 'value', 'trigger') === 'automatic';
      await context.sendActivity(automatic ? errorToAction(500, sentence) : messageToAction(sentence));
    } else if (isMessage(activity)) {
      await context.sendActivity(messageOf({ text: sentence }));
    }
  };
}

function fieldsOf(context: TurnContext): Fields {
  return { ...context.activity };
}

function turnOf(context: TurnContext): Turn {
  const turn: Turn | undefined = context.turnState.get(TURN);
  if (turn === undefined) throw new TypeError('the turn did not pass the guard');
  return turn;
}

function personOf(turn: Turn): TurnPerson {
  if (turn.person === undefined) throw new TypeError('the guard let a turn without a person in');
  return turn.person;
}
