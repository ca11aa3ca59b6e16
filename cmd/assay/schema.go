package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/assay-planner/assay/cmd/assay/render"
	"github.com/assay-planner/assay/history"
)

// schemaFlags are those of assay schema.
type schemaFlags struct {
	cluster, database string
	queries           bool
}

func (a *app) schema() *cobra.Command {
	var f schemaFlags
	c := &cobra.Command{
		Use:   "schema",
		Short: "Print the history's tables as SQL: of one machine, or of a ClickHouse cluster",
		Long: `Print the SQL that makes the history's tables. Assay makes them itself on one machine;
on a cluster you do, by running what this prints on any one node:

  assay schema --cluster NAME | clickhouse-client --host NODE --multiquery

The cluster's form has each table twice: replicated on the shards, with all rows of one
experiment on one shard, and Distributed over them, in the database that Assay is pointed
at. Mining is a GROUP BY on each shard that answers sums as -State, merged by -Merge where
the question was asked; --queries prints it. Run it again after an upgrade: it adds what is
new. docs/cluster.md tells how to move from one machine.`,
		Example: `  assay schema
  assay schema --cluster ads --database assay
  assay schema --cluster '{cluster}' --queries`,
		Args: args(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if f.cluster == "" && (c.Flags().Changed("database") || c.Flags().Changed("cluster")) {
				return usage("--cluster is empty").next("name one of: SELECT DISTINCT cluster FROM system.clusters")
			}
			return a.printSchema(f)
		},
	}
	c.Flags().StringVar(&f.cluster, "cluster", "", "`name` of the cluster, as in system.clusters; '{cluster}' for the nodes' macro; without it: one machine")
	c.Flags().StringVar(&f.database, "database", "assay", "`name` of the database that Assay is pointed at; the shards' own tables are in NAME_shard")
	c.Flags().BoolVar(&f.queries, "queries", false, "print the mining queries instead of the tables")
	return c
}

// printedSchema is the answer for programs.
type printedSchema struct {
	Statements []string `json:"statements,omitempty"` // to be run in order
	Mining     []string `json:"mining,omitempty"`
}

func (a *app) printSchema(f schemaFlags) error {
	s, err := f.sql()
	if err != nil {
		flag := "--cluster"
		if (history.Cluster{Name: f.cluster, Database: "assay"}).Check() == nil {
			flag = "--database"
		}
		return usage("%s: %v", flag, err)
	}
	switch render.Format(a.output) {
	case render.JSONFormat:
		return render.JSON(a.out, s)
	case render.CSVFormat:
		return usage("SQL is no table: --output csv cannot show it").next("use -o json, or leave it out")
	}
	statements := s.Statements
	if f.queries {
		statements = s.Mining
	}
	_, err = fmt.Fprintln(a.out, strings.Join(statements, ";\n\n")+";")
	return err
}

// sql is what the flags ask for.
func (f schemaFlags) sql() (s printedSchema, err error) {
	c := history.Cluster{Name: f.cluster, Database: f.database}
	switch {
	case f.cluster == "" && f.queries:
		s.Mining = history.MiningQueries()
	case f.cluster == "":
		s.Statements, err = history.Schema()
	case f.queries:
		s.Mining, err = c.MiningQueries()
	default:
		s.Statements, err = c.Schema()
	}
	return s, err
}
