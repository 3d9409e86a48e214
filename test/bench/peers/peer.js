/** Loads a peer, unless it is not installed. */
export async function whereInstalled(name, load) {
    try {
        return await load();
    }
    catch (error) {
        const { code } = error;
        if (code !== "MODULE_NOT_FOUND" && code !== "ERR_MODULE_NOT_FOUND")
            throw error;
        console.error(`${name} is not installed and is left out: npm ci --prefix test/bench`);
        return [];
    }
}
/** Labels as rows of zeros with a one. */
export function oneHot(label, classes) {
    const rows = new Float64Array(label.length * classes);
    for (const [row, at] of label.entries())
        rows[row * classes + at] = 1;
    return rows;
}
