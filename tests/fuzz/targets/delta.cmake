daicho_fuzz(delta SOURCES ${CMAKE_CURRENT_LIST_DIR}/../delta_fuzz.cc DEPS daicho_common)
