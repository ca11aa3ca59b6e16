// Package dashboard draws what people look at: what is tested tonight and why,
// the queue, who holds which users, and one hypothesis in full.
//
// Every page is a function from values to HTML: Tonight, Queue, Cohorts, WhatIf,
// Insights, Hypothesis, Login and Problem take a view and write a page; Frame is what surrounds all
// of them. Asset holds the style sheet and the icon. There is no script: pages
// work by links and forms, and charts are drawn here as SVG.
//
//	err := dashboard.Tonight(w, dashboard.Frame{Now: now}, dashboard.TonightView{Plan: &plan, Rows: rows})
//
// Text of hypotheses comes from strangers and from machines. It reaches a page
// only through html/template, which escapes it; the server's content security
// policy is the second fence. The package asks nobody for anything and makes
// no decision: who may see a page, and what is on it, is the server's business.
package dashboard
