import { serve } from './input.ts';
import { slackIngress } from './slack-ingress.ts';

/** Floor: the least that looks at an event and finds that it is not for the bot. */
serve(slackIngress(() => undefined));
