-- Told to wrk by tests/bench/loading.py: one line with what it prints neither of by itself.
done = function(summary, latency, requests)
  local failed = summary.errors.status + summary.errors.timeout + summary.errors.read + summary.errors.connect
  io.write(string.format("P95 %f FAILED %d\n", latency:percentile(95.0), failed))
end
