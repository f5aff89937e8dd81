// What the machine allows: node:http that reads each request and answers as much as Todoku does, without doing anything.
import { createServer } from 'node:http';

const answer = JSON.stringify({
  id: 'm-01jd3q9k2v-7xw4mabcde',
  messages: [{ id: 'm-01jd3q9k2v-7xw4mabcde.1' }],
});
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(202, { 'content-type': 'application/json', 'content-length': answer.length });
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ port })}\n`);
});
process.stdin
  .on('end', () => {
    server.closeAllConnections();
    server.close();
  })
  .resume();
