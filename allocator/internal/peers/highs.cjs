// Solves a problem in LP form with HiGHS under Node and prints its value and seconds.
//
//	node highs.cjs FILE GAP SECONDS
const fs = require("fs");

async function main([file, gap, limit]) {
  const highs = await require("highs")();
  const text = fs.readFileSync(file, "utf8");
  const began = process.hrtime.bigint();
  const found = highs.solve(text, { mip_rel_gap: Number(gap), time_limit: Number(limit), output_flag: false });
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  console.log(`${found.Status}\t${found.ObjectiveValue}\t${seconds}`);
}

main(process.argv.slice(2));
