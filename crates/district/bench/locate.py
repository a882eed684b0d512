"""The other side of the benchmark of `locate`: shapely's STRtree over the same outlines and points.

    python locate.py FOLDER

reads FOLDER/outlines.json (a list of multipolygons) and FOLDER/points.f64 (longitude and latitude as little-endian
doubles), writes FOLDER/answers.u32 (place of the first outline that holds each point, border included; 4294967295 where
none does) and prints one line of JSON with the seconds each way took. Preparing the outlines and the tree over them is
not counted; what has to be done with the points is.
"""

import json
import sys
import time
from pathlib import Path

import numpy
import shapely

NOWHERE = 0xFFFFFFFF


def polygons(parts):
    return shapely.MultiPolygon([(part[0], part[1:]) for part in parts])


def first_of_each(count, points, outlines):
    """The least outline of each point."""
    answers = numpy.full(count, NOWHERE, dtype=numpy.uint64)
    numpy.minimum.at(answers, points, outlines.astype(numpy.uint64))
    return answers.astype("<u4")


def by_points(tree, xy):
    """Each point asks the tree of outlines."""
    points, outlines = tree.query(shapely.points(xy), predicate="intersects")
    return first_of_each(len(xy), points, outlines)


def by_outlines(outlines, xy):
    """Each prepared outline asks a tree of the points."""
    tree = shapely.STRtree(shapely.points(xy))
    places, points = tree.query(outlines, predicate="intersects")
    return first_of_each(len(xy), points, places)


def by_loop(tree, xy):
    """One point after the other."""
    answers = numpy.full(len(xy), NOWHERE, dtype="<u4")
    for place, (x, y) in enumerate(xy):
        found = tree.query(shapely.Point(x, y), predicate="intersects")
        if len(found):
            answers[place] = found.min()
    return answers


def timed(run, *arguments):
    start = time.perf_counter()
    answers = run(*arguments)
    return time.perf_counter() - start, answers


def main():
    folder = Path(sys.argv[1])
    outlines = numpy.array([polygons(parts) for parts in json.loads((folder / "outlines.json").read_text())])
    shapely.prepare(outlines)
    xy = numpy.fromfile(folder / "points.f64", dtype="<f8").reshape(-1, 2)
    tree = shapely.STRtree(outlines)
    by_points(tree, xy[:1000])

    bulk, answers = timed(by_points, tree, xy)
    turned, turned_answers = timed(by_outlines, outlines, xy)
    sample = xy[: max(1, len(xy) // 10)]
    loop, loop_answers = timed(by_loop, tree, sample)
    assert (answers == turned_answers).all() and (answers[: len(sample)] == loop_answers).all()
    answers.tofile(folder / "answers.u32")
    print(
        json.dumps(
            {
                "shapely": shapely.__version__,
                "points": len(xy),
                "bulk_seconds": bulk,
                "bulk_by_outlines_seconds": turned,
                "loop_points": len(sample),
                "loop_seconds": loop,
            }
        )
    )


if __name__ == "__main__":
    main()
