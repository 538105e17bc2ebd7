import ts from 'typescript';

const taken = 'ocirunTaken';

/** The places where a count goes: the way on after each decision. */
function placesIn(source) {
  const places = [];
  const around = (node) => places.push({ start: node.getStart(source), end: node.end });
  const inside = (node) => places.push({ start: node.getStart(source) + 1 });
  const branch = (node) => {
    if (!node) return;
    if (ts.isBlock(node)) inside(node);
    else if (ts.isExpression(node)) around(node);
  };
  const visit = (node) => {
    if (ts.isFunctionLike(node)) branch(node.body);
    else if (ts.isIfStatement(node)) [node.thenStatement, node.elseStatement].forEach(branch);
    else if (ts.isIterationStatement(node, false)) branch(node.statement);
    else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(branch);
    else if (ts.isBinaryExpression(node) && logical.has(node.operatorToken.kind)) branch(node.right);
    else if (ts.isCatchClause(node)) branch(node.block);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return places;
}

const logical = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
]);

/**
 * A script that counts which of its branches were taken, in the array `ocirunTaken`.
 * @param limit how many counters there are
 */
export function instrumented(text, limit) {
  const source = ts.createSourceFile('script.js', text, ts.ScriptTarget.ES2023, true, ts.ScriptKind.JS);
  const insertions = placesIn(source).flatMap(({ start, end }, index) => {
    const count = `${taken}[${index % limit}]++`;
    if (end === undefined) return [{ at: start, order: 0, text: `${count};` }];
    return [
      { at: start, order: -end, text: `(${count},` },
      { at: end, order: 1e9 - start, text: ')' },
    ];
  });
  // Of what begins at one place the longer is the outer; of what ends there the shorter ends first.
  insertions.sort((one, other) => one.at - other.at || closing(one) - closing(other) || one.order - other.order);
  let result = '';
  let from = 0;
  for (const { at, text: more } of insertions) {
    result += text.slice(from, at) + more;
    from = at;
  }
  return result + text.slice(from);
}

const closing = ({ text }) => (text === ')' ? 0 : 1);
