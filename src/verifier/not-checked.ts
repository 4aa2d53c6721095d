import { classCount, type Parameters } from '../commitment/index.js';
import {
  isPlainMap,
  openingStamp,
  type QueryState,
  type Session,
  whiteBoxStamp,
} from '../protocol/index.js';

/** Something that a reader might take for granted and that nothing in a transcript shows. */
export interface NotChecked {
  readonly what: string;
  readonly why: string;
}

/** What this verification cannot know, for the end of every report. */
export function notChecked(
  session: Session,
  { parameters, queries }: { parameters: Parameters | undefined; queries?: QueryState | undefined },
): NotChecked[] {
  const { labelMode } = parameters ?? {};
  const classes = parameters ? classCount(parameters) : 0;
  const list: NotChecked[] = [
    ...aboutSuspect(session, queries),
    {
      what: 'the times',
      why: 'they are by the judge’s own clock; no time stamp is attached',
    },
    {
      what: 'who holds the keys',
      why: 'a signature names a key, not a person; compare the keys with --owner and --judge',
    },
    {
      what: 'that no other session or registration was lost or hidden',
      why: 'there is no public log here; the policy’s allowances pay for it',
    },
    ...(isWhiteBox(session) ? aboutWhiteBox(session) : aboutHidden(session)),
    {
      what: 'that the images look as declared',
      why: 'only people can tell whether a picture shows an object; look at the audited and opened ones',
    },
  ];
  const reached = session.phase === 'aborted' ? session.before : session;
  if ('judgeHello' in reached && !isWholeMap(reached.judgeHello.labelMap, classes)) {
    list.push({
      what: 'that the label map is right',
      why: 'the judge chose it, with committed classes in another order or left out; the decision charges for all maps that it could have been',
    });
  }
  if ('judgeHello' in reached && answersByName.has(reached.judgeHello.suspect.kind)) {
    list.push({
      what: 'which names the suspect’s classes have, in which order',
      why: 'the judge listed them, and another order is another label map; whoever has the list checks it by the suspect’s digest',
    });
  }
  if (labelMode === 'chosen') {
    list.push({
      what: 'the chance of a false claim',
      why: 'the owner chose the labels, so that the computed chance bounds nothing',
    });
  }
  if (session.phase === 'aborted') {
    list.push({
      what: 'that a party who is said to be silent or gone was so',
      why: 'silence leaves no trace: it rests on the word of the party that says so',
    });
  }
  if (session.phase === 'decided') {
    list.push({
      what: 'the owner’s countersignature',
      why: 'the owner did not send one; the verdict stands on the judge’s signature',
    });
  }
  return list;
}

/** Whether every committed class is stood for by the suspect's class of the same number: the map that nobody need explain. */
function isWholeMap(labelMap: readonly number[], classes: number): boolean {
  return isPlainMap(labelMap) && new Set(labelMap.filter((label) => label >= 0)).size === classes;
}

/** Adapters for which the judge writes down the names of the classes, so that the label map speaks of the judge's own numbers. */
const answersByName: ReadonlySet<string> = new Set(['chat', 'command', 'http-json']);

function isWhiteBox(session: Session): boolean {
  const reached = session.phase === 'aborted' ? session.before : session;
  return 'judgeHello' in reached && reached.judgeHello.mode === 'white-box';
}

const aboutNulls: NotChecked = {
  what: 'that the null models answered as recorded, are of the task, differ from each other, and know no mark',
  why: 'it rests on the judge’s word; whoever has them asks them again with `veilmark verify --null-models`',
};

/** What a session says of the suspect on the judge's word alone. */
function aboutSuspect(session: Session, queries: QueryState | undefined): NotChecked[] {
  if (isWhiteBox(session)) {
    return [
      {
        what: 'that the integer network is that of the suspect’s model',
        why: 'the float model is not part of the transcript: `veilmark network check` compares every weight',
      },
      {
        what: 'how often the integer network agrees with the model',
        why: 'the count rests on the judge’s word',
      },
    ];
  }
  const reached = session.phase === 'aborted' ? session.before : session;
  const hasNulls = 'judgeHello' in reached && reached.judgeHello.nullModels.length > 0;
  return [
    ...(hasNulls ? [aboutNulls] : []),
    {
      what: 'that the suspect gave the recorded answers',
      why: 'they rest on the judge’s signature alone',
    },
    queries === undefined
      ? {
          what: 'that the decoys were asked, and how',
          why: 'their counts rest on the judge’s word; its query log was not given',
        }
      : {
          what: 'that the query log is complete, and its answers are what the recorded bytes say',
          why: 'the judge’s signature binds the log; only the suspect could say what it sent',
        },
  ];
}

/** What the proofs of a white box session leave open. */
function aboutWhiteBox(session: Session): NotChecked[] {
  const list: NotChecked[] = [
    {
      what: 'the commitments of the other batches',
      why: 'this session proves about one batch',
    },
  ];
  const stamp = whiteBoxStamp(session);
  if (stamp === 'dev') {
    list.push({
      what: 'the proofs',
      why: 'NOT EVIDENCE: they are under a development key, with which anyone proves anything',
    });
  } else if (stamp === 'ceremony') {
    list.push({
      what: 'that the keys for proofs come from an honest ceremony, and are of the circuits they name',
      why: 'their stamp is their own word: compare their digests with what `veilmark setup ceremony verify` prints',
    });
  } else {
    list.push({
      what: 'whether the threshold is reached',
      why: 'the owner did not prove it; whether he could have is not known',
    });
  }
  return list;
}

/** What is known of the commitments that no session opened. */
function aboutHidden(session: Session): NotChecked[] {
  const what = 'the commitments that stayed hidden';
  switch (openingStamp(session)) {
    case undefined:
      return [{ what, why: 'no proofs about them are part of this session' }];
    case 'dev':
      return [
        {
          what,
          why: 'NOT EVIDENCE: the proofs about them are under a development key, with which anyone proves anything',
        },
      ];
    case 'ceremony':
      return [
        {
          what: 'the commitments that neither were opened nor picked for a proof',
          why: 'where the policy does not say all, only a sample is proven',
        },
        {
          what: 'that the key for proofs comes from an honest ceremony, and is of the circuit it names',
          why: 'its stamp is its own word: compare its digest with what `veilmark setup ceremony verify` prints',
        },
      ];
  }
}
