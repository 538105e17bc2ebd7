// The build of yargs-parser that needs nothing of Node.js comes without types of its own.
declare module 'yargs-parser/browser' {
  import parser from 'yargs-parser';
  export default parser;
}
