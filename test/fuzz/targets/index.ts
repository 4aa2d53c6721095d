import type { FuzzTarget } from '../target.js';
import { archive } from './archive.js';
import { words } from './arguments.js';
import { attackRecords, falseClaims } from './attack-record.js';
import { certificate } from './certificate.js';
import { checkpoint } from './checkpoint.js';
import { cifar, cifarNames, digests, stl10 } from './cifar.js';
import { commitment } from './commitment.js';
import { conversation } from './conversation.js';
import { endpointSettings } from './endpoint-settings.js';
import { counter } from './counter.js';
import { idx } from './idx.js';
import { journal } from './journal.js';
import { json } from './json.js';
import { keyFile } from './key-file.js';
import { labelMap } from './label-map.js';
import { ledger } from './ledger.js';
import { manifest } from './manifest.js';
import { mark } from './mark.js';
import { message } from './message.js';
import { modelFolder, modelTopology } from './model.js';
import { network } from './network.js';
import { picture } from './picture.js';
import { policy } from './policy.js';
import { proof } from './proof.js';
import { ptau } from './ptau.js';
import { queryLog } from './query-log.js';
import { r1cs } from './r1cs.js';
import { sealed } from './sealed.js';
import { serveRequest } from './serve-request.js';
import { session } from './session.js';
import { snarkjsKey, snarkjsProof } from './snarkjs.js';
import { suspectAnswer } from './suspect-answer.js';
import { suspectReply } from './suspect-reply.js';
import { textFile } from './text-file.js';
import { transcript } from './transcript.js';
import { verificationKey } from './verification-key.js';
import { whiteBoxLedger } from './white-box-ledger.js';
import { zkey } from './zkey.js';

/** Every parser that strangers can reach, and both state machines. */
export const targets: readonly FuzzTarget[] = [
  json,
  commitment,
  mark,
  sealed,
  keyFile,
  ledger,
  whiteBoxLedger,
  counter,
  journal,
  message,
  session,
  conversation,
  transcript,
  queryLog,
  certificate,
  policy,
  labelMap,
  textFile,
  verificationKey,
  proof,
  snarkjsProof,
  snarkjsKey,
  r1cs,
  zkey,
  ptau,
  network,
  modelTopology,
  modelFolder,
  manifest,
  checkpoint,
  idx,
  cifar,
  cifarNames,
  digests,
  stl10,
  archive,
  picture,
  suspectReply,
  suspectAnswer,
  endpointSettings,
  queryLog,
  serveRequest,
  attackRecords,
  falseClaims,
  words,
];
