import fc from "fast-check";

/** Every run of the suite draws the same; `NABLA_SEED=7 npm test` draws others. A fault that it finds belongs into a test of its own. */
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.NABLA_SEED ?? 20_240_607) });
