const parts = { $objectToArray: '$parts' };
const each = (field: string) => ({ $map: { input: parts, in: `$$this.v.${field}` } });
const sum = (field: string) => ({ $sum: each(field) });
/** null where no part has it. */
const largest = (field: string) => ({ $max: each(field) });

const renditions = {
  $let: {
    vars: {
      rows: {
        $reduce: {
          input: each('renditions'),
          initialValue: [],
          in: { $concatArrays: ['$$value', '$$this'] },
        },
      },
    },
    in: {
      $map: {
        input: { $sortArray: { input: { $setUnion: ['$$rows.name'] }, sortBy: 1 } },
        as: 'name',
        in: {
          name: '$$name',
          bytes: sumOfRows('bytes'),
          seconds: sumOfRows('seconds'),
        },
      },
    },
  },
};

function sumOfRows(field: 'bytes' | 'seconds') {
  const same = { $filter: { input: '$$rows', cond: { $eq: ['$$this.name', '$$name'] } } };
  return { $sum: { $map: { input: same, in: `$$this.${field}` } } };
}

/**
 * What a session's document is to get in a pipeline: the sums of its parts. Players that report say more than the flags of their requests
 * do: the larger number counts.
 */
export const sessionTotals = {
  bytes: sum('bytes'),
  urgentRequests: sum('urgentRequests'),
  seconds: sum('seconds'),
  renditions,
  startupMs: largest('startupMs'),
  rebuffers: { $max: [sum('starvations'), largest('rebuffers')] },
  rebufferMs: {
    $max: [{ $cond: [{ $eq: [largest('starvedMs'), null] }, null, sum('starvedMs')] }, largest('rebufferMs')],
  },
  playedMs: largest('playedMs'),
  switches: largest('switches'),
  errorCode: largest('errorCode'),
};
