/** Listens on a free port of the loopback address and reports it to the benchmark. */
export async function listen(server) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  console.log(`ready: http://127.0.0.1:${server.address().port}/graphql`);
}
