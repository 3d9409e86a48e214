export const thorough = { rounds: 31, milliseconds: 8, warmUpMilliseconds: 400 };
export const quick = { rounds: 9, milliseconds: 4, warmUpMilliseconds: 150 };
/**
 * CPU times of all contenders, warm: every round runs each in turn, so that what disturbs the machine disturbs all,
 * and ratios are taken within a round. CPU time is the whole process's, its collector and compiler threads included.
 */
export function compare(contenders, effort) {
    const calls = contenders.map((contender) => warmUp(contender.run, effort));
    const times = contenders.map(() => []);
    for (let round = 0; round < effort.rounds; round++) {
        for (const [k, { run }] of contenders.entries())
            times[k].push(cpuTime(run, calls[k]) / calls[k]);
    }
    return contenders.map(({ name }, k) => {
        const ratios = times[k].map((time, round) => time / times[0][round]);
        const ratio = [0.25, 0.5, 0.75].map((part) => quantile(ratios, part));
        return { name, microseconds: quantile(times[k], 0.5), ratio };
    });
}
/** Runs until warm; returns how many calls fill a round. */
function warmUp(run, { milliseconds, warmUpMilliseconds }) {
    let calls = 1;
    let time = 0;
    for (let spent = 0; spent < warmUpMilliseconds * 1000; spent += time) {
        time = cpuTime(run, calls);
        if (time < milliseconds * 500)
            calls *= 2;
    }
    return Math.max(1, Math.ceil((calls * milliseconds * 1000) / time));
}
/** Microseconds of CPU time that `calls` calls take. */
function cpuTime(run, calls) {
    const start = process.cpuUsage();
    for (let call = 0; call < calls; call++)
        run();
    const { user, system } = process.cpuUsage(start);
    return user + system;
}
export function quantile(values, part) {
    const sorted = [...values].sort((a, b) => a - b);
    const at = part * (sorted.length - 1);
    const low = Math.floor(at);
    const high = Math.ceil(at);
    return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}
export const median = (values) => quantile(values, 0.5);
/** Largest difference, in units of the reference's largest entry. */
export function deviation(values, reference) {
    if (values.length !== reference.length)
        return Number.NaN;
    let largest = 0;
    let difference = 0;
    for (let at = 0; at < reference.length; at++) {
        largest = Math.max(largest, Math.abs(reference[at]));
        const distance = Math.abs(values[at] - reference[at]);
        // NaN stays: Math.max passes it on
        difference = Math.max(difference, distance);
    }
    return difference / largest;
}
