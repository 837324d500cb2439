// An OpenAPI 3.1 document's examples as requests. What belongs together has one name: the examples of parameters, of a
// body, and of the response that is to come.

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];

export class Description {
    constructor(document) {
        this.document = document;
    }

    resolve(node) {
        if (!node?.$ref) return node;
        return node.$ref
            .slice(2)
            .split('/')
            .reduce((at, part) => at[part.replaceAll('~1', '/').replaceAll('~0', '~')], this.document);
    }

    get operations() {
        return Object.entries(this.document.paths).flatMap(([path, item]) =>
            METHODS.filter((method) => item[method]).map((method) => ({ path, method, ...item[method] })),
        );
    }

    // Every named example of an operation's responses: { name, status, response, type, value, pointer }, the last to the
    // schema that the value keeps.
    expectations({ path, method, responses }) {
        const escaped = (word) => word.replaceAll('~', '~0').replaceAll('/', '~1');
        return Object.entries(responses).flatMap(([status, reference]) => {
            const response = this.resolve(reference);
            const at = reference.$ref ?? `#/paths/${escaped(path)}/${method}/responses/${status}`;
            const inContent = Object.entries(response.content ?? {}).flatMap(([type, { examples = {} }]) =>
                Object.entries(examples).map(([name, { value }]) => {
                    return { name, type, value, pointer: `${at}/content/${escaped(type)}/schema` };
                }),
            );
            const inHeaders = Object.values(response.headers ?? {}).flatMap((header) =>
                Object.keys(this.resolve(header).examples ?? {}).map((name) => ({ name })),
            );
            return [...inContent, ...inHeaders].map((found) => ({ status: Number(status), response, ...found }));
        });
    }

    // The request of that name: { method, target, headers, body }.
    request({ path, method, parameters = [], requestBody }, name) {
        const query = new URLSearchParams();
        const headers = {};
        let target = path;
        for (const { name: parameter, in: place, examples = {} } of parameters.map((p) => this.resolve(p))) {
            if (!(name in examples)) continue;
            const { value } = examples[name];
            if (place === 'path') target = target.replace(`{${parameter}}`, encodeURIComponent(value));
            else if (place === 'query') query.append(parameter, value);
            else headers[parameter] = value;
        }
        const bodies = Object.entries(requestBody?.content ?? {}).filter(([, { examples = {} }]) => name in examples);
        const [type, content] = bodies[0] ?? [];
        if (type) headers['Content-Type'] = type;
        const value = content?.examples[name].value;
        const body = type && (typeof value === 'string' ? value : JSON.stringify(value));
        return { method: method.toUpperCase(), target, query, headers, body };
    }
}
