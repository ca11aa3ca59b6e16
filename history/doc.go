// Package history answers what past experiments say: it keeps their outcomes
// in ClickHouse, checks them as they come in, and mines them for effects.
//
// A reader must know three types. History is the store: one ClickHouse
// database, on a server or embedded, behind one driver.Conn. An Effect is what
// one treatment arm did to one metric against control, with its standard error
// and a verdict whether it may be learned from. A Noise says how much one user
// varies on a surface, which sizes the designs of new tests.
//
//	h, err := history.Open(ctx, conn) // brings the schema up to date
//	report, err := h.Import(ctx, history.ImportRequest{Files: files, Mapping: mapping})
//	effects, err := h.Effects(ctx, history.EffectQuery{AsOf: tonight})
//
// Users never leave ClickHouse: mining returns sums over users. The package
// reads files and returns effects; it fits no prior and knows no plan.
package history
