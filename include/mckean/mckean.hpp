// mckean: Wasserstein gradient flows of two-layer networks and distances between measures. All that
// a user of the library includes; activations, regularisers and laws of one's own need no more, on
// a CUDA device <mckean/cuda.cuh> in a .cu file.
#pragma once

#include "mckean/data_set.hpp"
#include "mckean/device.hpp"
#include "mckean/error.hpp"
#include "mckean/find_choice.hpp"
#include "mckean/flow.hpp"
#include "mckean/initial_measure.hpp"
#include "mckean/interruption.hpp"
#include "mckean/law.hpp"
#include "mckean/matrix.hpp"
#include "mckean/model.hpp"
#include "mckean/particle_array.hpp"
#include "mckean/problem.hpp"
#include "mckean/record.hpp"
#include "mckean/teacher.hpp"
#include "mckean/w2.hpp"
