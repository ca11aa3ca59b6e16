# The tasks of peers_test.go in R (stats), pwr, rpact and metafor.
# Prints one line a task: name, seconds a run (the fastest of five batches), answer.
suppressMessages({library(rpact); library(metafor); library(pwr)})

measure <- function(name, peer, run) {
  answer <- run()
  elapsed <- function(batch) system.time(for (i in seq_len(batch)) run())[["elapsed"]]
  batch <- 1 # doubled, as R's clock has milliseconds
  while (elapsed(batch) < 0.1) batch <- 2 * batch
  seconds <- replicate(5, elapsed(batch) / batch)
  cat(name, peer, format(min(seconds), digits = 6), format(answer, digits = 15), sep = "\t")
  cat("\n")
}

p <- ((1:10000) / 10001)^2
studies <- 50
yi <- sin(1:studies) / 10
vi <- (0.05 + 0.01 * (1:studies) / studies)^2

measure("t-test: users", "R power.t.test", function() power.t.test(delta = 0.03, power = 0.8, strict = TRUE, tol = 1e-10)$n)
measure("t-test: users", "pwr", function() pwr.t.test(d = 0.03, power = 0.8)$n)
measure("t-test: MDE", "pwr", function() pwr.t.test(n = 20000, power = 0.9)$d)
measure("proportions: users", "R power.prop.test", function() power.prop.test(p1 = 0.1, p2 = 0.11, power = 0.8)$n)
for (k in c(5, 10)) # rpact validates up to 10 looks
  measure(sprintf("boundaries: OBF spending, %d looks", k), "rpact",
          function() getDesignGroupSequential(kMax = k, alpha = 0.025, sided = 1, typeOfDesign = "asOF")$criticalValues[k])
measure("boundaries: O'Brien-Fleming, 5 looks", "rpact",
        function() getDesignGroupSequential(kMax = 5, alpha = 0.025, sided = 1, typeOfDesign = "OF")$criticalValues[5])
measure("meta-analysis: REML, 50 effects", "metafor", function() rma(yi, vi, method = "REML")$tau2)
measure("Benjamini-Hochberg, 10,000", "R p.adjust", function() p.adjust(p, "BH")[100])
measure("Hommel, 1,000", "R p.adjust", function() p.adjust(p[seq(1, 10000, 10)], "hommel")[10])
