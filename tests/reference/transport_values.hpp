// Squared distances by POT or SciPy; written by make_transport_values.py.
#pragma once

#include "reference/transport_instance.hpp"

namespace mckean::reference {

inline constexpr StoredTransport transport_values[] = {
    {"line", GroundCost::euclidean, CloudKind::box, 60, 45, 1, true, 0.008001736440009045},
    {"plane", GroundCost::euclidean, CloudKind::box, 60, 60, 2, false, 0.14417892742441532},
    {"plane, weights", GroundCost::euclidean, CloudKind::box, 50, 70, 2, true, 0.10203342191301137},
    {"space", GroundCost::euclidean, CloudKind::box, 72, 40, 3, false, 0.3631517204660994},
    {"space, weights", GroundCost::euclidean, CloudKind::box, 80, 65, 3, true, 0.19912559582613126},
    {"d = 10", GroundCost::euclidean, CloudKind::box, 60, 60, 10, false, 2.4773492551612586},
    {"d = 10, weights", GroundCost::euclidean, CloudKind::box, 33, 90, 10, true,
     2.7432673826500142},
    {"duplicates", GroundCost::euclidean, CloudKind::duplicates, 60, 60, 2, false,
     0.2632791181156333},
    {"duplicates, weights", GroundCost::euclidean, CloudKind::duplicates, 61, 44, 3, true,
     0.6630896619218926},
    {"lattice", GroundCost::euclidean, CloudKind::lattice, 90, 60, 2, false, 0.5499999999999996},
    {"lattice, weights", GroundCost::euclidean, CloudKind::lattice, 70, 80, 3, true,
     0.8083333333333319},
    {"collinear", GroundCost::euclidean, CloudKind::collinear, 72, 60, 3, false,
     0.9108065397596001},
    {"collinear, weights", GroundCost::euclidean, CloudKind::collinear, 47, 59, 10, true,
     3.799253568299575},
    {"circle, chords", GroundCost::euclidean, CloudKind::sphere, 60, 72, 2, false,
     0.09108478901776025},
    {"circle", GroundCost::geodesic, CloudKind::sphere, 60, 72, 2, false, 0.10153676724123437},
    {"circle, weights", GroundCost::geodesic, CloudKind::sphere, 75, 50, 2, true,
     0.059534716992523974},
    {"sphere", GroundCost::geodesic, CloudKind::sphere, 72, 45, 3, false, 0.1650294243442759},
    {"sphere, weights", GroundCost::geodesic, CloudKind::sphere, 55, 66, 3, true,
     0.18997891305182824},
    {"sphere of R^10", GroundCost::geodesic, CloudKind::sphere, 60, 60, 10, true,
     0.7984402746002205},
    {"one source", GroundCost::euclidean, CloudKind::box, 1, 40, 3, true, 2.11261203215358},
    {"one sink", GroundCost::geodesic, CloudKind::sphere, 40, 1, 3, true, 2.279895192480016},
};

}  // namespace mckean::reference
